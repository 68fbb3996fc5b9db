#ifndef KODELAB_FOLDER_H
#define KODELAB_FOLDER_H

/* Hears when somebody writes in a folder, by the kernel's word: nothing is polled, and nothing wakes while nobody writes. */

struct kl_folder;
struct kl_loop;

typedef void kl_folder_fn(void *ctx); /* from the loop, a moment after, once for all that was written meanwhile */

/* Files of the folder that are written, made, renamed or removed; not those below it. NULL: it cannot be heard here. */
struct kl_folder *kl_folder_watch(struct kl_loop *loop, const char *path, kl_folder_fn *fn, void *ctx);
void kl_folder_close(struct kl_folder *folder); /* NULL is fine */

#endif
