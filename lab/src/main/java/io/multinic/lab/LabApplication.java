package io.multinic.lab;

/// The command line behind `lab/run`.
public final class LabApplication {
    private LabApplication() {}

    public static void main(String[] args) {
        System.out.println("lab");
    }
}
