#include "include_self.c"
#include "include_self.c"
