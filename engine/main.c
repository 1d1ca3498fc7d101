/* main.c: where the process meets the program: streams, environment, clock and randomness. */
#include <unistd.h>

#include "cli/dispatch.h"

int main(int argc, char **argv)
{
	struct cli cli = { .out = stdout,
		.err = stderr,
		.in = stdin,
		.environment = environ,
		.clock = &clock_system,
		.entropy = &entropy_system };

	(void)argc;
	return (int)dispatch(&cli, argv + 1);
}
