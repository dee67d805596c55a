/* writ api list, writ api explain: the catalogue of the store, and what it makes of one call. */
#ifndef WRIT_CLI_API_API_H
#define WRIT_CLI_API_API_H

int api_list(int argc, char **argv);
int api_explain(int argc, char **argv);

#endif
