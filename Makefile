.DEFAULT_GOAL := help
.PHONY: help demo demo-down cluster-up cluster-down cluster-test test e2e bench fmt images images-test chart setup build clean
MAKEFLAGS += --no-print-directory

help:
	@echo 'Multi-NIC CNI. On Debian 12, as root:'
	@echo
	@echo '  make demo       a three-node cluster on this machine: a network, pods, pings over every NIC, the ledger'
	@echo '                  KEEP=1 leaves it up'
	@echo '  make demo-down  ends every lab of this checkout; LAB=ID only one'
	@echo '  make cluster-up    a real Kubernetes cluster on this machine, three nodes, with Multus; needs Go 1.26'
	@echo '  make cluster-down  ends it, as make demo-down does'
	@echo '  make cluster-test  the tests of that cluster itself'
	@echo '  make test       all tests: the binary, the services, the whole way of a pod; SEEDS=N for more random walks,'
	@echo '                  FUZZ=N for more requests of the fuzzer to each operation of ipam-service'
	@echo '  make bench      the cost of the binary, ADD and DEL of two NICs, time to ready and memory of each service,'
	@echo '                  and of ipam-service with 5,000 nodes of 8 NICs: plans, joins, waiting polls, the ledger'
	@echo '  make e2e        the same on a real Kubernetes with our images and chart: installed, used, disturbed, removed;'
	@echo '                  needs Go 1.26; STEPS=install,... only some of it, KEEP=1 leaves a cluster in which a step failed'
	@echo '  make chart      the Helm chart with its CRDs, target/multi-nic-cni-VERSION.tgz'
	@echo '  make build      what demo needs; only what has changed'
	@echo '  make images     the container images as OCI layouts, target/images/*.tar; needs no daemon'
	@echo '  make images-test   the demo from the images, and what the trial database survives'
	@echo '  make setup      the Debian packages that build and tests need; only what is missing'
	@echo '  make fmt        formats the Java code'
	@echo '  make clean      removes everything built'

# --pdeathsig: where make itself is killed, the lab goes too. A lab that is to stay must not.
demo: build
	@$(if $(filter-out 0,$(KEEP)),,setpriv --pdeathsig TERM) lab/run demo

demo-down cluster-down:
	@lab/down

cluster-up: build
	@lab/cluster/parts
	@KEEP=1 lab/run cluster

cluster-test: build
	@lab/cluster/parts
	@build/mvn -pl lab -am -Dtest=none -Dit.test='io.multinic.lab.cluster.*IT' -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dfailsafe.failIfNoSpecifiedTests=false verify

bench: build
	@$(MAKE) -C cni-binary bench
	@setpriv --pdeathsig TERM lab/run bench
	@out=$$(build/mvn -pl ipam-service -am -Dtest=none -Dit.test='*Bench' -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dfailsafe.failIfNoSpecifiedTests=false verify 2>&1) && printf '%s\n' "$$out" | sed -n 's/^bench: //p' || \
	    { printf '%s\n' "$$out" | tail -n 60; exit 1; }

test: setup
	@$(MAKE) -C cni-binary test
	@build/fuzzer >/dev/null
	@build/mvn $(if $(SEEDS),-Dseeds=$(SEEDS)) $(if $(FUZZ),-Dfuzz=$(FUZZ)) verify
	@touch $(BUILT)

# Maven is asked only when a source is newer than what was built; it would take 20 s to find that nothing is to do.
SOURCES := $(shell find pom.xml */pom.xml db/migration */src/main -type f 2>/dev/null)
BUILT := lab/target/built

build: setup $(BUILT)
	@$(MAKE) -s -C cni-binary

$(BUILT): $(SOURCES)
	@build/package
	@touch $@

setup:
	@build/setup

fmt:
	@build/mvn -q spotless:apply

images: build
	@build/package-images

images-test: images
	@build/mvn -pl lab -am -Dtest=none -Dit.test='io.multinic.lab.images.*IT' -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dfailsafe.failIfNoSpecifiedTests=false verify

# Made by the build; here it is tried too, by Helm's own code as a library: no helm, no cluster.
chart: build
	@build/mvn -q -pl charts -am verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
		-Dit.test='io.multinic.charts.*IT' -Dfailsafe.failIfNoSpecifiedTests=false
	@ls target/multi-nic-cni-*.tgz

# The parts first: where there is no Go, that is said before anything is built.
e2e: setup
	@lab/cluster/parts
	@$(MAKE) images
	@$(if $(filter-out 0,$(KEEP)),,setpriv --pdeathsig TERM) lab/run e2e

clean:
	@build/mvn -q clean
	@$(MAKE) -C cni-binary clean
