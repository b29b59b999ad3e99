#pragma once

#include "peer.h"

/// Times each read of one thread and each write of another one, and prints the answer.
///
/// Growth: the table is small at first, and `count` keys are inserted; each read is of a key that is there.
/// Stalled: the table is full, and `count` values are replaced, with a third thread that waits within a read.
void stateline_tail_run(const struct stateline_peer *peer, int stalled, size_t count, size_t keys);
