# All images: docker build --target ipam-service . (or controller-service, node-agent-service, postgresql)
#
# `make images` makes the same ones without a daemon: build/images takes the last stages of this file, from their
# FROM scratch on, as the description of the images; what they hold comes from build/image-root here and there.
FROM debian:12 AS build
COPY --from=eclipse-temurin:25-jdk /opt/java/openjdk /opt/java/openjdk
COPY . /multi-nic-cni
WORKDIR /multi-nic-cni
RUN --mount=type=cache,target=/root/.m2 make build
RUN build/image-root java /image

FROM build AS build-ipam-service
RUN build/image-root ipam-service /image

FROM build AS build-controller-service
RUN build/image-root controller-service /image

FROM build AS build-node-agent-service
RUN build/image-root node-agent-service /image

FROM debian:12 AS build-postgresql
COPY pom.xml build/image-root postgresql /multi-nic-cni/
RUN apt-get update && build/image-root postgresql /image

FROM scratch AS ipam-service
COPY --from=build-ipam-service /image/java/ /
COPY --from=build-ipam-service /image/ipam-service/libraries/ /
COPY --from=build-ipam-service /image/ipam-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080 8443
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-jar", "/app/ipam-service.jar"]

FROM scratch AS controller-service
COPY --from=build-controller-service /image/java/ /
COPY --from=build-controller-service /image/controller-service/libraries/ /
COPY --from=build-controller-service /image/controller-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-jar", "/app/controller-service.jar"]

# Makes links and routes in the namespaces of node and pods: root, with the capabilities that the chart gives.
FROM scratch AS node-agent-service
COPY --from=build-node-agent-service /image/java/ /
COPY --from=build-node-agent-service /image/node-agent-service/libraries/ /
COPY --from=build-node-agent-service /image/node-agent-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
EXPOSE 11000
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-jar", "/app/node-agent-service.jar"]

# For trials only. SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients to go.
FROM scratch AS postgresql
COPY --from=build-postgresql /image/postgresql/server/ /
ENV LANG=C.UTF-8 PATH=/usr/lib/postgresql/15/bin:/bin PGDATA=/var/lib/postgresql/data/15 PGHOST=/tmp
USER 999:999
EXPOSE 5432
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/bin/start-postgresql"]
