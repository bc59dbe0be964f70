/* SPDX-License-Identifier: Apache-2.0 */
/* Baseline of the benchmark: the cost of an empty program that is built like the binary. */
int main(void) {
    return 0;
}
