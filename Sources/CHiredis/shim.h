#pragma once

// Without -I/usr/include/hiredis, which would expose headers as generic as `read.h`.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
