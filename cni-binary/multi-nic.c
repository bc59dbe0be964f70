/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * multi-nic, the CNI plugin that the container runtime executes. It contains no network code: it passes the CNI
 * environment and stdin to the node agent over a Unix socket and prints the agent's answer.
 *
 *   main             handles VERSION and a missing command itself
 *     read_config    reads stdin, at most CONFIG_MAX bytes
 *     write_head     writes the environment as percent-encoded request headers
 *     call_agent     sends one request, receives one answer; the exit status follows the HTTP status; DEL retries
 *
 * Nothing is printed before the answer is complete. One deadline limits the whole run. All memory is static buffers,
 * whose unused pages are never allocated. JSON is passed on, never parsed. README.md specifies the protocol.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef DEFAULT_SOCKET
#define DEFAULT_SOCKET "/run/multi-nic/cni.sock"
#endif
#define VERSION "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n"
#define ABOUT "multi-nic: a CNI plugin; hands what a container runtime asks to the multi-nic agent of this node\n"
/* Bytes that are written unchanged to headers and JSON strings; all others are escaped, so nothing can be injected. */
#define HEADER_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:;=,@+"
#define JSON_PLAIN HEADER_PLAIN " !#$%&'()*<>?[]^`{|}"
#define AGENT "the multi-nic agent on "
#define REMEDY ": check that the multi-nic node agent runs on this node; the call is safe to repeat"

enum {
    HEAD_MAX = 64 * 1024,            /* request line and headers */
    CONFIG_MAX = 1024 * 1024,        /* stdin */
    ANSWER_MAX = 4 * 1024 * 1024,    /* the whole answer, including its head */
    PRINT_MAX = 4096,                /* bytes that a writable pipe accepts without blocking */
    EXCERPT_MAX = 256,               /* limit of a quotation in an error */
    TIMEOUT_DEFAULT_MS = 110 * 1000, /* kubelet gives up after about 120 s */
    TIMEOUT_MAX_MS = 3600 * 1000,
    DEL_PATIENCE_MS = 20 * 1000, /* longer than a restart of the agent */
    RETRY_PAUSE_MS = 100,
};

/* Error codes of the CNI specification. */
enum cni_error { BAD_ENVIRONMENT = 4, IO_FAILURE = 5, UNDECODABLE = 6, TRY_AGAIN = 11 };

/* A part of a buffer; not terminated. */
struct span {
    char *at;
    size_t length;
};

static struct span span_of(const char *string) {
    return (struct span){(char *)string, strlen(string)};
}

static void drop(struct span *span, size_t length) {
    span->at += length;
    span->length -= length;
}

/* A text in a buffer of fixed size; `full` after the first value that did not fit, and not changed after that. */
struct text {
    char *at;
    size_t size, length;
    bool full;
};

static void put(struct text *text, const char *bytes, size_t length) {
    text->full |= length > text->size - text->length;
    if (text->full)
        return;
    memcpy(text->at + text->length, bytes, length);
    text->length += length;
}

static void put_string(struct text *text, const char *string) {
    put(text, string, strlen(string));
}

static void put_number(struct text *text, size_t number) {
    if (number >= 10)
        put_number(text, number / 10);
    put(text, &"0123456789"[number % 10], 1);
}

/* Appends at most `most` bytes of the value: those in `plain` unchanged, others as the escape and two hex digits. */
static void put_escaped(struct text *text, const char *value, size_t most, const char *plain, const char *escape) {
    static const char hex[] = "0123456789ABCDEF";
    for (; *value && most > 0; value++, most--) {
        if (strchr(plain, *value)) {
            put(text, value, 1);
        } else {
            put_string(text, escape);
            put(text, &hex[(unsigned char)*value >> 4], 1);
            put(text, &hex[*value & 15], 1);
        }
    }
}

static long long deadline_ms;

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int remaining_ms(void) {
    long long left = deadline_ms - now_ms();
    return left > 0 ? (int)left : 0; /* never negative, which means no timeout to poll */
}

/* Waits for one of `events`, an error or a hang-up and returns it; 0 at the deadline. */
static int await(int fd, short events) {
    struct pollfd wanted = {.fd = fd, .events = events};
    int ready;
    while ((ready = poll(&wanted, 1, remaining_ms())) < 0 && errno == EINTR)
        continue;
    return ready > 0 ? wanted.revents : 0;
}

/* True if a failed read or write can be repeated. */
static bool transient(void) {
    return errno == EINTR || errno == EAGAIN;
}

static int print(struct span output, int status) {
    while (output.length > 0) {
        if (!await(STDOUT_FILENO, POLLOUT))
            return 1;
        ssize_t written = write(STDOUT_FILENO, output.at, output.length < PRINT_MAX ? output.length : PRINT_MAX);
        if (written < 0 && !transient())
            return 1;
        drop(&output, written > 0 ? (size_t)written : 0);
    }
    return status;
}

/* Prints a CNI error with the message before + subject + after, and returns the exit status. */
static int fail(enum cni_error code, const char *before, const char *subject, const char *after, const char *details) {
    static char buffer[4 * 6 * EXCERPT_MAX + 256];
    struct text json = {.at = buffer, .size = sizeof buffer};
    put_string(&json, "{\"cniVersion\":\"1.0.0\",\"code\":");
    put_number(&json, code);
    put_string(&json, ",\"msg\":\"");
    put_escaped(&json, before, EXCERPT_MAX, JSON_PLAIN, "\\u00");
    put_escaped(&json, subject, EXCERPT_MAX, JSON_PLAIN, "\\u00");
    put_escaped(&json, after, EXCERPT_MAX, JSON_PLAIN, "\\u00");
    put_string(&json, "\",\"details\":\"");
    put_escaped(&json, details, EXCERPT_MAX, JSON_PLAIN, "\\u00");
    put_string(&json, "\"}\n");
    return print((struct span){json.at, json.length}, 1);
}

/* The last byte detects a config that is too long. The head is moved next to the config before sending. */
static char request_buffer[HEAD_MAX + CONFIG_MAX + 1];
static char *const config = request_buffer + HEAD_MAX;

/* Reads stdin to its end. Returns 0, or 1 after printing an error. */
static int read_config(size_t *length) {
    for (*length = 0; *length <= CONFIG_MAX;) {
        if (!await(STDIN_FILENO, POLLIN))
            return fail(IO_FAILURE, "stdin was still open at the deadline", "", "", "");
        ssize_t got = read(STDIN_FILENO, config + *length, CONFIG_MAX + 1 - *length);
        if (got == 0)
            return 0;
        if (got < 0 && !transient())
            return fail(IO_FAILURE, "stdin cannot be read", "", "", strerror(errno));
        *length += got > 0 ? (size_t)got : 0;
    }
    return fail(UNDECODABLE, "the network configuration on stdin is larger than 1 MiB", "", "", "");
}

/* Includes the name of the program, which is multi-nic-ipam when another plugin requests addresses. */
static void write_head(struct text *head, const char *program, size_t config_length) {
    static const char *const passed_on[][2] = {
        {"CNI_COMMAND", "\r\nCni-Command: "},
        {"CNI_CONTAINERID", "\r\nCni-Containerid: "},
        {"CNI_NETNS", "\r\nCni-Netns: "},
        {"CNI_IFNAME", "\r\nCni-Ifname: "},
        {"CNI_ARGS", "\r\nCni-Args: "},
        {"CNI_PATH", "\r\nCni-Path: "},
        {"CNI_NETNS_OVERRIDE", "\r\nCni-Netns-Override: "},
        {"TRACEPARENT", "\r\nTraceparent: "},
        {"TRACESTATE", "\r\nTracestate: "},
    };
    put_string(head, "POST /cni HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Content-Type: application/json\r\nContent-Length: ");
    put_number(head, config_length);
    put_string(head, "\r\nCni-Plugin: ");
    put_escaped(head, strrchr(program, '/') ? strrchr(program, '/') + 1 : program, HEAD_MAX, HEADER_PLAIN, "%");
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
        const char *value = getenv(passed_on[i][0]);
        if (value) {
            put_string(head, passed_on[i][1]);
            put_escaped(head, value, HEAD_MAX, HEADER_PLAIN, "%");
        }
    }
    put_string(head, "\r\n\r\n");
}

struct answer {
    struct span received; /* everything received so far */
    size_t status;
    struct span body;
};

enum progress { INCOMPLETE, COMPLETE, MALFORMED };

/* Removes the next line from the front of `rest`, without its line end; false if it is incomplete. */
static bool take_line(struct span *rest, struct span *line) {
    char *newline = memchr(rest->at, '\n', rest->length);
    if (!newline)
        return false;
    *line = (struct span){rest->at, (size_t)(newline - rest->at)};
    drop(rest, line->length + 1);
    if (line->length > 0 && line->at[line->length - 1] == '\r')
        line->length--;
    return true;
}

/* True if the line is the named header; `line` is then reduced to its value. */
static bool take_header(struct span *line, const char *name) {
    size_t length = strlen(name);
    if (line->length < length || strncasecmp(line->at, name, length) != 0)
        return false;
    drop(line, length);
    while (line->length > 0 && *line->at == ' ')
        drop(line, 1);
    return true;
}

/* Parses a number of at least one digit, at most ANSWER_MAX; false for anything else. */
static bool parse_number(struct span digits, size_t base, size_t *number) {
    static const char known[32] = "0123456789abcdef0123456789ABCDEF";
    *number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        const char *found = memchr(known, digits.at[i], sizeof known);
        size_t digit = found ? (size_t)(found - known) % 16 : base;
        if (digit >= base || (*number = *number * base + digit) > ANSWER_MAX)
            return false;
    }
    return digits.length > 0;
}

/* Joins the chunks in a separate buffer: the received bytes stay unchanged and can be parsed again. */
static enum progress join_chunks(struct span rest, struct span *body) {
    static char joined[ANSWER_MAX];
    struct span line;
    size_t size = 0;
    *body = (struct span){joined, 0};
    do {
        if (!take_line(&rest, &line))
            return INCOMPLETE;
        if (!parse_number(line, 16, &size))
            return MALFORMED;
        if (rest.length < size)
            return INCOMPLETE;
        memcpy(joined + body->length, rest.at, size);
        body->length += size;
        drop(&rest, size);
        if (!take_line(&rest, &line))
            return INCOMPLETE;
        if (line.length > 0)
            return MALFORMED;
    } while (size > 0);
    return COMPLETE;
}

/*
 * Parses what was received so far; the fields of `answer` are valid only if it is COMPLETE. The head must define the end
 * of the body, by Content-Length or by chunks: a body that ends with the connection may be truncated.
 */
static enum progress parse_answer(struct answer *answer) {
    struct span rest = answer->received, line;
    int sized = 0, chunked = 0;
    if (!take_line(&rest, &line))
        return INCOMPLETE;
    if (line.length < 12 || memcmp(line.at, "HTTP/1.", 7) != 0 || line.at[8] != ' ' ||
        !parse_number((struct span){line.at + 9, 3}, 10, &answer->status))
        return MALFORMED;
    do {
        if (!take_line(&rest, &line))
            return INCOMPLETE;
        if (take_header(&line, "Content-Length:")) {
            sized++;
            if (!parse_number(line, 10, &answer->body.length))
                return MALFORMED;
        } else if (take_header(&line, "Transfer-Encoding:")) {
            chunked++;
            if (line.length != 7 || strncasecmp(line.at, "chunked", 7) != 0)
                return MALFORMED;
        }
    } while (line.length > 0);
    if (sized + chunked != 1)
        return MALFORMED;
    if (chunked)
        return join_chunks(rest, &answer->body);
    answer->body.at = rest.at;
    return rest.length < answer->body.length ? INCOMPLETE : COMPLETE;
}

/* Returns null, or an error message with the reason in errno (0 if there is none); so does exchange. */
static const char *connect_to_agent(const char *path, int *fd) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int left = remaining_ms() + 1; /* SO_SNDTIMEO limits connect on a full backlog; 0 means no limit */
    struct timeval patience = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    memcpy(address.sun_path, path, strlen(path));
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = *fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
                     connect(*fd, (struct sockaddr *)&address, sizeof address) == 0;
    return connected ? NULL : " cannot be reached" REMEDY;
}

/* Sends and receives concurrently: the agent may refuse a request and close before it has read all of it. */
static const char *exchange(int fd, struct span request, struct answer *answer) {
    static char buffer[ANSWER_MAX + 1]; /* zero-terminated, for the excerpt in an error */
    struct span *received = &answer->received;
    for (received->at = buffer; received->length < ANSWER_MAX;) {
        int ready = await(fd, request.length > 0 ? POLLIN | POLLOUT : POLLIN);
        errno = 0;
        if (!ready)
            return " did not answer before the deadline" REMEDY;
        if (ready & POLLOUT) {
            ssize_t sent = send(fd, request.at, request.length, MSG_DONTWAIT);
            if (sent < 0 && !transient())
                request.length = 0; /* the agent closed; its answer may have been received */
            drop(&request, sent > 0 ? (size_t)sent : 0);
        }
        if (ready == POLLOUT)
            continue;
        errno = 0;
        ssize_t got = recv(fd, buffer + received->length, ANSWER_MAX - received->length, MSG_DONTWAIT);
        if (got < 0 && transient())
            continue;
        if (got <= 0)
            return received->length > 0 ? " hung up in mid-answer" REMEDY : " hung up without an answer" REMEDY;
        received->length += (size_t)got;
        enum progress progress = parse_answer(answer);
        if (progress == COMPLETE)
            return NULL;
        if (progress == MALFORMED)
            return " gave an answer that is not HTTP, or without a length, or one above 4 MiB" REMEDY;
    }
    return " gave an answer above 4 MiB" REMEDY;
}

/* True after a pause if nothing was received, the failure is that of a stopped agent, and there is time to retry. */
static bool try_again(int fd, const struct answer *answer, long long until) {
    bool away = answer->received.length == 0 &&
                (errno == 0 || errno == ENOENT || errno == ECONNREFUSED || errno == ECONNRESET);
    if (!away || now_ms() >= until || remaining_ms() == 0)
        return false;
    close(fd);
    poll(NULL, 0, remaining_ms() < RETRY_PAUSE_MS ? remaining_ms() : RETRY_PAUSE_MS);
    return true;
}

static int call_agent(const char *path, struct span request, int patience_ms) {
    struct answer answer;
    long long until = now_ms() + patience_ms;
    const char *failure;
    int fd;
    do {
        answer = (struct answer){.received = span_of("")};
        failure = connect_to_agent(path, &fd);
        if (!failure)
            failure = exchange(fd, request, &answer);
    } while (failure && try_again(fd, &answer, until));
    if (failure)
        return fail(TRY_AGAIN, AGENT, path, failure, errno ? strerror(errno) : answer.received.at);
    if (answer.status == 200)
        return print(answer.body, 0);
    if (answer.body.length == 0 || *answer.body.at != '{') /* an error page of the web server */
        return fail(TRY_AGAIN, AGENT, path, " refused the call without a CNI error" REMEDY, answer.received.at);
    return print(answer.body, 1);
}

int main(int argc, char **argv) {
    const char *command = getenv("CNI_COMMAND"), *path = getenv("MULTI_NIC_SOCKET");
    const char *timeout = getenv("MULTI_NIC_TIMEOUT_MS");
    struct text head = {.at = request_buffer, .size = HEAD_MAX};
    size_t length = TIMEOUT_DEFAULT_MS;
    signal(SIGPIPE, SIG_IGN);
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0) /* closed: the socket would get its number */
        return 1;
    if (!command || !*command) /* not called by a runtime; same behaviour as the reference plugins */
        return write(STDERR_FILENO, ABOUT, strlen(ABOUT)) < 0;
    bool valid = !timeout || (parse_number(span_of(timeout), 10, &length) && length > 0 && length <= TIMEOUT_MAX_MS);
    deadline_ms = now_ms() + (valid ? (long long)length : TIMEOUT_DEFAULT_MS);
    if (!valid)
        return fail(BAD_ENVIRONMENT, "MULTI_NIC_TIMEOUT_MS is not from 1 to 3600000: ", timeout, "", "");
    if (strcmp(command, "VERSION") == 0)
        return print(span_of(VERSION), 0);
    if (!path || !*path)
        path = DEFAULT_SOCKET;
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return fail(BAD_ENVIRONMENT, "MULTI_NIC_SOCKET is too long for a socket: ", path, "", "");
    if (read_config(&length) != 0)
        return 1;
    write_head(&head, argc > 0 ? argv[0] : "multi-nic", length);
    if (head.full)
        return fail(BAD_ENVIRONMENT, "the CNI environment is larger than 64 KiB when encoded", "", "", "");
    memmove(config - head.length, head.at, head.length);
    return call_agent(path, (struct span){config - head.length, head.length + length},
                     strcmp(command, "DEL") == 0 ? DEL_PATIENCE_MS : 0);
}
