/* The browser of whoever sits at this machine. */
#ifndef WRIT_CLI_LOGIN_BROWSER_OPEN_H
#define WRIT_CLI_LOGIN_BROWSER_OPEN_H

#include "base/arena.h"

/* True for an http or https address of characters that no program between here and the browser (xdg-open is a shell script)
 * can take for anything else. */
bool browser_address_is_safe(const char *url);

/* Starts $BROWSER (a list separated by colons, "%s" standing for the address) or xdg-open with the address as an argument, never
 * by a shell, detached from the terminal and without the secrets of our environment. RESULT_OK: one was started;
 * RESULT_NOT_FOUND: none could be; RESULT_INVALID: the address is not safe. */
MUST_CHECK enum result browser_open(const char *url, struct arena *);

#endif
