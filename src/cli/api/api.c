/* writ api */
#include "cli/api/api.h"

#include "cli/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int command_api(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "list") == 0)
		return api_list(argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "explain") == 0)
		return api_explain(argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "catalogue") == 0)
		return command_api_catalogue(argc - 1, argv + 1);
	bool help = argc > 0 && strcmp(argv[0], "--help") == 0;
	fprintf(help ? stdout : stderr,
	        "Usage: writ api list|explain|catalogue [OPTIONS] (writ api list --help, writ api explain --help, writ api catalogue --help)\n");
	return help ? EXIT_DONE : EXIT_USAGE;
}
