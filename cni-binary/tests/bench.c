/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Benchmark of the binary as a runtime executes it: from the start of the process to its end, with pipes as stdin and
 * stdout. Each round runs every program once, so that all run under the same load; the agent is a child of this program
 * that answers at once. Prints milliseconds; each difference is the median of the differences within the rounds.
 *
 * The baseline is the empty program, which is built like the binary, and not /bin/true: glibc executes about 40 CPUID
 * instructions at start, each of which takes microseconds under a hypervisor.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char config[] =
    "{\"cniVersion\":\"0.3.0\",\"name\":\"multi-nic-sample\",\"type\":\"multi-nic\",\"ipam\":{\"hostBlock\":6,"
    "\"interfaceBlock\":2,\"type\":\"multi-nic-ipam\",\"vlanMode\":\"l3\"},\"plugin\":{\"mode\":\"l3\",\"type\":"
    "\"ipvlan\"},\"subnet\":\"192.168.0.0/16\",\"masterNets\":[\"10.0.1.0/24\",\"10.0.2.0/24\"]}";
static const char answer[] =
    "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 76\r\nConnection: close\r\n\r\n"
    "{\"cniVersion\":\"0.3.0\",\"ips\":[{\"address\":\"192.168.0.1/18\"}],\"interfaces\":[]}\n";

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static void serve(int listener) {
    static char request[65536];
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        size_t length = 0;
        while (length < sizeof config || memcmp(request + length - strlen(config), config, strlen(config)) != 0) {
            ssize_t got = recv(connection, request + length, sizeof request - length, 0);
            if (got <= 0)
                break;
            length += (size_t)got;
        }
        send(connection, answer, strlen(answer), MSG_NOSIGNAL);
        close(connection);
    }
}

static double run(const char *program, char *environment[], const char *expected) {
    char *arguments[] = {(char *)program, NULL}, output[4096];
    struct timespec start, end;
    posix_spawn_file_actions_t actions;
    int in[2], out[2], status;
    pid_t child;
    require(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
    require(write(in[1], config, strlen(config)) == (ssize_t)strlen(config), "write");
    close(in[1]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &start);
    require(posix_spawn(&child, program, &actions, NULL, arguments, environment) == 0, program);
    require(waitpid(child, &status, 0) == child, "waitpid");
    clock_gettime(CLOCK_MONOTONIC, &end);
    close(out[1]);
    ssize_t length = read(out[0], output, sizeof output);
    if (status != 0 || length < 0 || !memmem(output, (size_t)length, expected, strlen(expected))) {
        fprintf(stderr, "%s: status %d, printed %.*s\n", program, status, (int)length, output);
        exit(1);
    }
    close(in[0]);
    close(out[0]);
    posix_spawn_file_actions_destroy(&actions);
    return (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted_over(const double *times, const double *base, int runs) {
    double *over = malloc((size_t)runs * sizeof *over);
    for (int i = 0; i < runs; i++)
        over[i] = times[i] - (base ? base[i] : 0);
    qsort(over, (size_t)runs, sizeof *over, ascending);
    return over;
}

int main(int argc, char **argv) {
    int runs = argc > 3 ? atoi(argv[3]) : 0;
    if (runs <= 0) {
        fprintf(stderr, "usage: bench BINARY EMPTY RUNS\n");
        return 2;
    }
    char directory[] = "/tmp/cni-bench-XXXXXX", variable[128];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    require(mkdtemp(directory) != NULL, directory);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/cni.sock", directory);
    snprintf(variable, sizeof variable, "MULTI_NIC_SOCKET=%s", address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 16) == 0, "listen");
    pid_t agent = fork();
    if (agent == 0)
        serve(listener);

    char *version[] = {"CNI_COMMAND=VERSION", NULL};
    char *add[] = {
        "CNI_COMMAND=ADD",
        "CNI_CONTAINERID=0f1e2d3c4b5a6978",
        "CNI_NETNS=/var/run/netns/cni-0",
        "CNI_IFNAME=net1",
        "CNI_ARGS=K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-0",
        "CNI_PATH=/opt/cni/bin",
        variable,
        NULL,
    };
    const struct {
        const char *name, *program;
        char **environment;
        const char *expected;
    } measured[] = {
        {"/bin/true", "/bin/true", add, ""},
        {"empty, static", argv[2], add, ""},
        {"multi-nic VERSION", argv[1], version, "supportedVersions"},
        {"multi-nic ADD", argv[1], add, "192.168.0.1/18"},
    };
    enum { COUNT = sizeof measured / sizeof *measured, WARM_UP = 10 };
    double *times[COUNT];
    for (int i = 0; i < COUNT; i++)
        times[i] = calloc((size_t)runs, sizeof **times);
    for (int round = -WARM_UP; round < runs; round++)
        for (int i = 0; i < COUNT; i++)
            times[i][round < 0 ? 0 : round] =
                run(measured[i].program, measured[i].environment, measured[i].expected);
    printf("%-20s %8s %8s %8s %10s %11s   (ms, %d rounds)\n", "", "min", "median", "p95", "over true", "over empty",
           runs);
    for (int i = 0; i < COUNT; i++) {
        double *absolute = sorted_over(times[i], NULL, runs);
        printf("%-20s %8.3f %8.3f %8.3f %+10.3f %+11.3f\n", measured[i].name, absolute[0], absolute[runs / 2],
               absolute[runs * 95 / 100], sorted_over(times[i], times[0], runs)[runs / 2],
               sorted_over(times[i], times[1], runs)[runs / 2]);
    }
    kill(agent, SIGKILL);
    waitpid(agent, NULL, 0);
    unlink(address.sun_path);
    rmdir(directory);
    return 0;
}
