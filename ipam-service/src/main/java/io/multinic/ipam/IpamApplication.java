package io.multinic.ipam;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/// The address plan and the ledger of every allocation.
@SpringBootApplication
public class IpamApplication {
    public static void main(String[] args) {
        SpringApplication.run(IpamApplication.class, args);
    }
}
