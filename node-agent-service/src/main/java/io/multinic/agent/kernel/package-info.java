/// Port to the Linux network stack: [Kernel], [NetworkStack] and their values.
///
/// ```
/// Kernel kernel = new LinuxKernel();                       // io.multinic.agent.kernel.linux
/// try (NetworkNamespace pod = kernel.openNamespace(path);  // NETNS_UNUSABLE if it is none
///         NetworkStack inPod = kernel.open(pod)) {
///     host.apply(new AddLink(new Macvlan(parent, BRIDGE, LinkEnd.of("net1-0").in(pod))));
///     int index = inPod.link("net1-0").orElseThrow().index();
///     inPod.apply(new AddAddress(InterfaceAddress.of(index, address)), new ReplaceRoute(route));
/// }
/// ```
/// Queries: `links`, `link`, `addresses`, `routes`, `rules`, `neighbours`, `ipv4Settings`. Changes are a list of
/// [Change] values, which planners build and tests inspect. Events come from [Kernel#subscribe]. Refusals are
/// [KernelException] with an [Errno]; a link kind that the kernel lacks is KERNEL_LACKS_SUPPORT.
///
/// Nothing here calls the kernel: the package `netlink` encodes and decodes the messages, `linux` exchanges them. Tests
/// of other packages use `FakeKernel`.
@NullMarked
package io.multinic.agent.kernel;

import org.jspecify.annotations.NullMarked;
