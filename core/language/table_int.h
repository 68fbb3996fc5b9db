#ifndef CORE_LANGUAGE_TABLE_INT_H
#define CORE_LANGUAGE_TABLE_INT_H

#include <stddef.h>

#include <kodelab/language.h>

extern const struct kl_language language_table[];
extern const size_t language_table_count;

#endif
