/* Times and sizes as people read them. */
#ifndef KFPC_BASE_HUMAN_H
#define KFPC_BASE_HUMAN_H

#include <stdint.h>

#include "runtime/base/buf.h"

/* "92 ms", "0.8 s", "2 min 05 s" */
void human_duration(struct buf *out, int64_t ms);
/* "512 B", "12.3 MiB" */
void human_size(struct buf *out, int64_t bytes);
/* Local time "2025-01-31 14:05:09" of ms since 1970. */
void human_time(struct buf *out, int64_t ms);

#endif
