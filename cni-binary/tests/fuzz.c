/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer harness. The input is used as an answer of the agent and as a value from the environment. In addition to
 * the sanitizers, it checks invariants that hold for every input.
 */
int multi_nic_main(int argc, char **argv);
#define main multi_nic_main
#include "../multi-nic.c"
#undef main

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

/* Parses a copy of exactly this size, so that the sanitizer detects a read past its end. */
static enum progress parse_copy(const uint8_t *data, size_t size, struct answer *answer, char **copy) {
    *copy = malloc(size ? size : 1);
    memcpy(*copy, data, size);
    *answer = (struct answer){.received = {*copy, size}};
    return parse_answer(answer);
}

static void answers(const uint8_t *data, size_t size) {
    struct answer whole, again;
    char *copy, *prefix;
    enum progress progress = parse_copy(data, size, &whole, &copy);
    if (progress == COMPLETE) {
        char *body = malloc(whole.body.length + 1);
        memcpy(body, whole.body.at, whole.body.length);
        require(whole.body.length <= size && whole.status <= 999);
        require(parse_answer(&whole) == COMPLETE && memcmp(body, whole.body.at, whole.body.length) == 0);
        free(body);
    }
    /* A prefix is incomplete or gives the same result as the whole input. */
    enum progress before = parse_copy(data, size / 2, &again, &prefix);
    require(before == INCOMPLETE || before == progress);
    if (before == COMPLETE)
        require(again.status == whole.status && again.body.length == whole.body.length);
    free(prefix);
    free(copy);
}

static bool only(struct text text, const char *allowed) {
    for (size_t i = 0; i < text.length; i++)
        if (!text.at[i] || !strchr(allowed, text.at[i]))
            return false;
    return text.length <= text.size;
}

static void values(const uint8_t *data, size_t size) {
    char *value = malloc(size + 1), *buffer = malloc(size + 1);
    struct text header = {.at = buffer, .size = size + 1}, json = header;
    memcpy(value, data, size);
    value[size] = '\0';
    put_escaped(&header, value, HEAD_MAX, HEADER_PLAIN, "%");
    require(only(header, HEADER_PLAIN "%") && (header.full || header.length >= strlen(value)));
    put_escaped(&json, value, EXCERPT_MAX, JSON_PLAIN, "\\u00");
    require(only(json, JSON_PLAIN "\\"));
    for (size_t i = 0; i < json.length; i++)
        require(json.at[i] != '\\' || json.full || memcmp(json.at + i, "\\u00", 4) == 0);
    free(buffer);
    free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    answers(data, size);
    values(data, size);
    return 0;
}
