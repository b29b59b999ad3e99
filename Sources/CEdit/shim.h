#ifndef STATELINE_EDIT_H
#define STATELINE_EDIT_H

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <editline/readline.h>

/// Whether the line that was read last was given up with Ctrl-C.
static int stateline_line_interrupted = 0;

/// What Ctrl-C does while a line is edited: it ends the line.
static inline int stateline_line_interrupt(int count, int key) {
    (void)count;
    (void)key;
    stateline_line_interrupted = 1;
    rl_done = 1;
    return 0;
}

/// Makes Ctrl-C a key while a line is edited: the terminal sends no signal for it then.
///
/// The editor draws letters by the locale, and in a locale of bytes it would draw two for an umlaut.
static inline void stateline_line_prepare(void) {
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    rl_initialize();
    rl_add_defun("stateline-interrupt", stateline_line_interrupt, 3);
    rl_parse_and_bind("setty -d intr=");
}

/// Reads a line, to be freed by the caller; null at the end of input, and where `interrupted` is set.
static inline char *stateline_line_read(const char *prompt, int *interrupted) {
    stateline_line_interrupted = 0;
    char *line = readline(prompt);
    *interrupted = stateline_line_interrupted;
    return line;
}

#endif
