/// The Linux network stack as the agent sees it: a port ([Kernel], [NetworkStack]) and its values.
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
/// What is read: `links`, `link`, `addresses`, `routes`, `rules`, `neighbours`, `ipv4Settings`. What is changed is a
/// list of [Change] values, so a planner can make it and a test can look at it. Events come from [Kernel#subscribe].
/// Refusals are [KernelException] with an [Errno]; a link kind that the kernel lacks is KERNEL_LACKS_SUPPORT.
///
/// Nothing here calls the kernel; that is the package `linux`. Tests of others use `FakeKernel`.
@NullMarked
package io.multinic.agent.kernel;

import org.jspecify.annotations.NullMarked;
