/* Numbers read from text that people write, as Python's int() and float() read them
 * and as the language writes quantities. */
#ifndef KFPC_VALUE_NUMBER_H
#define KFPC_VALUE_NUMBER_H

#include <stdint.h>

#include "runtime/base/str.h"

/* Decimal with a sign and single underscores between digits, white space around it
 * allowed. false for anything else and for what 64 bits do not hold. */
bool number_int(struct str s, int64_t *out);

/* "0.1", "1e-3", ".5", "1_000.0", "nan", "inf", "-Infinity"; white space around it
 * allowed. What is too large is infinite, as in Python. */
bool number_float(struct str s, double *out);

enum number_unit {
	NUMBER_DURATION,	/* s m h d, largest first: seconds */
	NUMBER_SIZE,		/* B, kB MB GB TB PB (1000), KiB ... PiB (1024): bytes */
};

/* "10m", "1h30m", "8GiB": whole numbers with units. */
bool number_quantity(struct str s, enum number_unit unit, int64_t *out);

#endif
