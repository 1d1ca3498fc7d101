/*
 * Runs a fuzz target once over each file named on the command line, so that what was ever found
 * stays found with any compiler. To look for more, with clang:
 *
 *	cmake --preset sanitize -B build/fuzz -DCMAKE_C_COMPILER=clang -DCHANGEOVER_FUZZ=ON \
 *		-DCMAKE_C_FLAGS=-fsanitize=fuzzer-no-link
 *	cmake --build build/fuzz --target fuzz_plan
 *	build/fuzz/tests/fuzz_plan -max_len=4000 NEW_FOLDER tests/golden/plan
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int replay(const char *path)
{
	static uint8_t bytes[1024 * 1024];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (!f) {
		perror(path);
		return 1;
	}
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return LLVMFuzzerTestOneInput(bytes, len);
}

int main(int argc, char **argv)
{
	int failed = argc < 2; /* without a corpus nothing would be shown */

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
