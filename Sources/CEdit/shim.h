#ifndef STATELINE_EDIT_H
#define STATELINE_EDIT_H

#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/// The one editor of the process's terminal; used by one thread at a time.
static EditLine *stateline_line_editor = NULL;
static History *stateline_line_history = NULL;
static const char *stateline_line_prompt = "";
static int stateline_line_interrupted = 0;

static inline char *stateline_line_show_prompt(EditLine *editor) {
    (void)editor;
    return (char *)stateline_line_prompt;
}

/// What Ctrl-C does while a line is edited: it ends the line.
static inline unsigned char stateline_line_interrupt(EditLine *editor, int key) {
    (void)editor;
    (void)key;
    stateline_line_interrupted = 1;
    return CC_EOF;
}

/// What Ctrl-Z does while a line is edited: it stops the process, as ever, with the terminal as it was before.
static inline unsigned char stateline_line_suspend(EditLine *editor, int key) {
    sigset_t stop;
    sigset_t before;
    (void)key;
    el_set(editor, EL_PREP_TERM, 0);
    // A thread of a pool may block all signals.
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, &before);
    raise(SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    el_set(editor, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
}

/// Makes the editor, once: keys as in Emacs, a history, and no signals by keys while a line is edited.
///
/// The editor draws letters by the locale, and in a locale of bytes it would draw two for an umlaut.
static inline void stateline_line_prepare(void) {
    HistEvent event;
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    stateline_line_editor = el_init("stateline", stdin, stdout, stderr);
    stateline_line_history = history_init();
    if (stateline_line_editor == NULL || stateline_line_history == NULL) {
        return;
    }
    history(stateline_line_history, &event, H_SETSIZE, 1000);
    el_set(stateline_line_editor, EL_PROMPT, stateline_line_show_prompt);
    el_set(stateline_line_editor, EL_HIST, history, stateline_line_history);
    el_set(stateline_line_editor, EL_EDITOR, "emacs");
    el_set(stateline_line_editor, EL_ADDFN, "stateline-interrupt", "Give the line up", stateline_line_interrupt);
    el_set(stateline_line_editor, EL_BIND, "^C", "stateline-interrupt", NULL);
    el_set(stateline_line_editor, EL_ADDFN, "stateline-suspend", "Stop the process", stateline_line_suspend);
    el_set(stateline_line_editor, EL_BIND, "^Z", "stateline-suspend", NULL);
    el_set(stateline_line_editor, EL_SETTY, "-d", "-isig", NULL);
}

/// Reads a line; it lives until the next call.
///
/// Returns null at the end of input, and if `interrupted` is set.
static inline const char *stateline_line_read(const char *prompt, int *interrupted) {
    int count = 0;
    const char *line = NULL;
    stateline_line_prompt = prompt;
    stateline_line_interrupted = 0;
    if (stateline_line_editor != NULL) {
        // The editor would show the prompt first: a key pressed at once would still be the terminal's.
        el_set(stateline_line_editor, EL_PREP_TERM, 1);
        line = el_gets(stateline_line_editor, &count);
    }
    *interrupted = stateline_line_interrupted;
    return count > 0 && !stateline_line_interrupted ? line : NULL;
}

/// Keeps a line for the arrow keys.
static inline void stateline_line_remember(const char *line) {
    HistEvent event;
    history(stateline_line_history, &event, H_ENTER, line);
}

#endif
