/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of the benchmark: what any process costs that is built like the binary. */
int main(void) {
    return 0;
}
