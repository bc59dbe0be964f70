.DEFAULT_GOAL := help
.PHONY: help demo demo-down cluster-up cluster-down cluster-test unit test campaign fresh e2e bench fmt images images-test chart setup build \
    build-test check-sources clean
MAKEFLAGS += --no-print-directory

help:
	@echo 'Multi-NIC CNI. On Debian 12, as root:'
	@echo
	@echo '  make demo       a three-node cluster on this machine: a network, pods, pings over every NIC, the ledger'
	@echo '                  KEEP=1 leaves it up'
	@echo '  make demo-down  ends every lab of this checkout; LAB=ID only one'
	@echo '  make cluster-up    a real Kubernetes cluster on this machine, three nodes, with Multus'
	@echo '  make cluster-down  ends it, as make demo-down does'
	@echo '  make cluster-test  the tests of that cluster itself'
	@echo '  make unit       the tests that need neither processes nor databases: all XTest of all modules'
	@echo '  make test       all tests: the binary, the services, the path of a pod from kubelet to ledger; SEEDS=N for more'
	@echo '                  random walks, FUZZ=N for more requests of the fuzzer to each operation of ipam-service'
	@echo '  make campaign   the seeded campaign of pods and faults on a lab; SEEDS=1,2,... STEPS=10000'
	@echo '  make fresh      demo, test, demo and the build of the real cluster on a Debian 12 that has nothing installed:'
	@echo '                  in a chroot that is made and removed; STEPS="demo ..." only some of it; needs mmdebstrap'
	@echo '  make bench      the cost of the binary, ADD and DEL of two NICs, time to ready and memory of each service,'
	@echo '                  and of ipam-service with 5,000 nodes of 8 NICs: plans, joins, waiting polls, the ledger'
	@echo '  make e2e        the same on a real Kubernetes with our images and chart: installed, used, disturbed, removed;'
	@echo '                  STEPS=install,... only some of it, KEEP=1 leaves a cluster in which a step failed'
	@echo '  make chart      the Helm chart with its CRDs, target/multi-nic-cni-VERSION.tgz'
	@echo '  make build      the jars and the binary that demo runs; only what has changed'
	@echo '  make images     the container images as OCI layouts, target/images/*.tar; needs no daemon'
	@echo '  make images-test   the demo from the images, and restarts of the trial database'
	@echo '  make setup      the Debian packages and the JDK that build and tests need; only what is missing'
	@echo '  make fmt        formats the Java code'
	@echo '  make clean      removes everything built'

# --pdeathsig: the lab ends with make, also where make is killed. With KEEP it stays.
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
	@out=$$(build/mvn -pl ipam-service -am -Dtest=none -Dit.test='*Bench' -Dit.forks=1 -Dit.jvm.args= -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dfailsafe.failIfNoSpecifiedTests=false verify 2>&1) && printf '%s\n' "$$out" | sed -n 's/^bench: //p' || \
	    { printf '%s\n' "$$out" | tail -n 60; exit 1; }

# Modules that do not need each other are built and tested two at a time: many tests wait, for a process or a database.
PARALLEL := -T 2 -Dafter-services
# Reports that are older than this file are of earlier runs.
STAMP := target/test-run

unit: setup check-sources
	@mkdir -p target && touch $(STAMP)
	@build/mvn $(PARALLEL) $(if $(SEEDS),-Dseeds=$(SEEDS)) test
	@build/test-summary $(STAMP) 10

test: setup check-sources build-test
	@mkdir -p target && touch $(STAMP)
	@$(MAKE) -C cni-binary test
	@build/fuzzer >/dev/null
	@build/mvn $(PARALLEL) $(if $(SEEDS),-Dseeds=$(SEEDS)) $(if $(FUZZ),-Dfuzz=$(FUZZ)) verify; \
	    status=$$?; build/test-summary $(STAMP); exit $$status
	@touch $(BUILT)

campaign: build
	@build/mvn -pl lab -am -Dtest=none -Dit.test='io.multinic.lab.campaign.*IT' -Dcampaign.seeds='$(or $(SEEDS),1)' \
	    -Dcampaign.steps=$(or $(STEPS),10000) -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dfailsafe.failIfNoSpecifiedTests=false verify

check-sources:
	@build/check-sources

# The scripts' own tests.
build-test:
	@python3 -B -m unittest discover --start-directory build/tests

fresh:
	@build/fresh $(STEPS)

# Maven runs only when a source is newer than the last build; it takes 20 s to find that there is nothing to do.
SOURCES := $(shell find pom.xml */pom.xml */jvm.options build/prepare-application db/migration */src/main -type f 2>/dev/null)
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

# The build makes it; this tests it too, by Helm's own code as a library: without helm, without a cluster.
chart: build
	@build/mvn -q -pl charts -am verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
		-Dit.test='io.multinic.charts.*IT' -Dfailsafe.failIfNoSpecifiedTests=false
	@ls target/multi-nic-cni-*.tgz

# The parts first: they take longest, and fail early where the Go module proxy cannot be reached.
e2e: setup
	@lab/cluster/parts
	@$(MAKE) images
	@$(if $(filter-out 0,$(KEEP)),,setpriv --pdeathsig TERM) lab/run e2e

clean:
	@build/mvn -q clean
	@$(MAKE) -C cni-binary clean
