/*
 * Runs a fuzz target once over each file named on the command line, so that what was ever found
 * stays found with any compiler. scripts/fuzz looks for more.
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
