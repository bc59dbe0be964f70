# All images: docker buildx build --allow security.insecure --target ipam-service .
# and so for controller-service, node-agent-service and postgresql.
#
# `make images` makes the same images without a daemon: build/assemble-layers assembles the layers in both cases, and
# build/package-images reads the rest from the stages FROM scratch.
FROM debian:12 AS build
COPY --from=eclipse-temurin:25-jdk /opt/java/openjdk /opt/java/openjdk
COPY . /multi-nic-cni
WORKDIR /multi-nic-cni
RUN --mount=type=cache,target=/root/.m2 make build
# For the AOT caches a lab runs: services, nodes and pods, in namespaces of their own.
RUN --security=insecure build/assemble-layers

FROM scratch AS ipam-service
COPY --from=build /multi-nic-cni/target/images/layers/java/ /
COPY --from=build /multi-nic-cni/target/images/layers/ipam-service/libraries/ /
COPY --from=build /multi-nic-cni/target/images/layers/ipam-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080 8443
ENTRYPOINT ["/opt/java/bin/java", "-XX:AOTCache=/app/ipam-service.aot", "@/app/jvm.options", "-jar", "/app/ipam-service.jar"]

FROM scratch AS controller-service
COPY --from=build /multi-nic-cni/target/images/layers/java/ /
COPY --from=build /multi-nic-cni/target/images/layers/controller-service/libraries/ /
COPY --from=build /multi-nic-cni/target/images/layers/controller-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/opt/java/bin/java", "-XX:AOTCache=/app/controller-service.aot", "@/app/jvm.options", "-jar", "/app/controller-service.jar"]

# Makes links and routes in the namespaces of node and pods: root, with the capabilities that the chart gives.
FROM scratch AS node-agent-service
COPY --from=build /multi-nic-cni/target/images/layers/java/ /
COPY --from=build /multi-nic-cni/target/images/layers/node-agent-service/libraries/ /
COPY --from=build /multi-nic-cni/target/images/layers/node-agent-service/application/ /
ENV LANG=C.UTF-8 MALLOC_ARENA_MAX=1
EXPOSE 11000
ENTRYPOINT ["/opt/java/bin/java", "-XX:AOTCache=/app/node-agent-service.aot", "@/app/jvm.options", "-jar", "/app/node-agent-service.jar"]

# For trials only. SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients to go.
FROM scratch AS postgresql
COPY --from=build /multi-nic-cni/target/images/layers/postgresql/server/ /
ENV LANG=C.UTF-8 PATH=/usr/lib/postgresql/15/bin:/bin PGDATA=/var/lib/postgresql/data/15 PGHOST=/tmp
USER 999:999
EXPOSE 5432
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/bin/start-postgresql"]
