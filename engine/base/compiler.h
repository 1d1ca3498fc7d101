/* compiler.h: the compiler extensions we allow ourselves, by name. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Frees a char * (or any malloc'd pointer) when it leaves scope: auto_free char *name = ... */
#define auto_free CLEANUP(compiler_free)
void compiler_free(void *pointer_to_pointer);

/* Hands an owned pointer on: the variable is NULL afterwards, so its cleanup does nothing. */
#define take(p) compiler_take((void **)(p))
void *compiler_take(void **p);
#endif
