package io.multinic.e2e.steps;

/// Manifests of the original Multi-NIC CNI, in every kind and variant that its users may have.
final class OriginalManifests {
    static final String ALL = """
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-ipvlan}
        spec:
          subnet: "192.168.0.0/16"
          ipam: |
            {
              "type": "multi-nic-ipam",
              "hostBlock": 8,
              "interfaceBlock": 2,
              "excludeCIDRs": ["192.168.0.64/26", "192.168.0.128/30"],
              "vlanMode": "l3"
            }
          multiNICIPAM: true
          plugin:
            cniVersion: "0.3.0"
            type: ipvlan
            args: {mode: l3, mtu: "9000"}
          attachPolicy: {strategy: costOpt, target: 10Gbps}
          masterNets: [10.0.1.0/24, 10.0.2.0/24]
          namespaces: [default]
        status:
          computeResults: [{netAddress: 10.0.1.0/24, numOfHosts: 2}]
          discovery: {existDaemon: 2, infoAvailable: 2, cidrProcessed: 2}
          configStatus: Success
          routeStatus: N/A
          message: ""
          lastSyncTime: "2024-01-01T00:00:00Z"
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-host-bits}
        spec:
          subnet: 172.16.0.1/12
          ipam: '{"type": "multi-nic-ipam", "interfaceBlock": 5, "hostBlock": 7, "vlanMode": "l3s"}'
          multiNICIPAM: true
          plugin: {type: ipvlan, args: {mode: l3s}}
          attachPolicy: {strategy: topology}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-host-subnets}
        spec:
          subnet: ""
          ipam: '{"type": "multi-nic-ipam", "hostBlock": 4, "vlanMode": "l2"}'
          multiNICIPAM: true
          plugin: {cniVersion: "0.3.0", type: macvlan, args: {mode: bridge}}
          attachPolicy: {strategy: devClass}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-whereabouts}
        spec:
          ipam: '{"type": "whereabouts", "range": "192.168.0.0/24"}'
          multiNICIPAM: false
          plugin: {cniVersion: "0.3.0", type: macvlan, args: {mode: bridge}}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-multi-config}
        spec:
          ipam: |
            {"type": "multi-config", "ipam_type": "whereabouts",
             "args": {"eth1": {"range": "192.168.0.0/18"}, "eth2": {"range": "192.168.64.0/18"}}}
          multiNICIPAM: false
          masterNets: [10.0.1.0/24, 10.0.2.0/24]
          plugin: {type: ipvlan, args: {mode: l2}}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-sriov}
        spec:
          subnet: 192.168.0.0/16
          ipam: '{"type": "multi-nic-ipam", "hostBlock": 8, "interfaceBlock": 2}'
          multiNICIPAM: true
          plugin:
            type: sriov
            args: {resourceName: nic, numVfs: "2", isRdma: "true", vlan: "0", spoofchk: "off"}
            capabilities: {mac: true}
            dns: {nameservers: [10.0.0.10], search: [example.org]}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-aws}
        spec:
          subnet: ""
          ipam: '{"type": "multi-nic-ipam", "hostBlock": 8, "interfaceBlock": 0, "vlanMode": "l3"}'
          multiNICIPAM: true
          plugin: {type: aws-ipvlan, args: {mode: l2}}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-host-device}
        spec:
          ipam: '{"type": "host-device-ipam"}'
          multiNICIPAM: false
          plugin: {type: host-device}
          attachPolicy: {strategy: none}
        ---
        apiVersion: multinic.fms.io/v1
        kind: MultiNicNetwork
        metadata: {name: original-mellanox}
        spec:
          ipam: '{"type": "host-device-ipam"}'
          multiNICIPAM: false
          plugin: {type: mellanox}
          attachPolicy: {strategy: perfOpt, target: ""}
        ---
        apiVersion: multinic.fms.io/v1
        kind: HostInterface
        metadata:
          name: original-host
          labels: {multi-nic-unmanaged: "true"}
        spec:
          hostName: original-host
          interfaces:
          - interfaceName: eth1
            netAddress: 10.0.1.0/24
            hostIP: 10.0.1.77
            vendor: "1d0f"
            product: efa1
            pciAddress: "0000:00:06.0"
        ---
        apiVersion: multinic.fms.io/v1
        kind: DeviceClass
        metadata: {name: original-class}
        spec:
          ids:
          - vendor: "15b3"
            products: ["1019", "101e"]
        """;

    private OriginalManifests() {}
}
