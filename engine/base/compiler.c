#include "base/compiler.h"

#include <stdlib.h>

void compiler_free(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void *compiler_take(void **p)
{
	void *taken = *p;

	*p = NULL;
	return taken;
}
