package io.multinic.agent.kernel;

/// A change in a namespace, of any origin.
public sealed interface KernelEvent {
    record LinkChanged(Link link) implements KernelEvent {}

    record LinkRemoved(Link link) implements KernelEvent {}

    record AddressChanged(InterfaceAddress address) implements KernelEvent {}

    record AddressRemoved(InterfaceAddress address) implements KernelEvent {}

    record RouteChanged(Route route) implements KernelEvent {}

    record RouteRemoved(Route route) implements KernelEvent {}

    record RuleAdded(Rule rule) implements KernelEvent {}

    record RuleRemoved(Rule rule) implements KernelEvent {}

    /// Events were lost; a listener that keeps state must list everything again.
    record Overrun() implements KernelEvent {}
}
