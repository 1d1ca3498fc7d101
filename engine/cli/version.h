/* version.h: CHANGEOVER_VERSION, the program's own version: a compile definition, from CMake's project(). */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#ifndef CHANGEOVER_VERSION
#error "the build defines CHANGEOVER_VERSION"
#endif
#endif
