/* generate COUNT: writes an apply document of COUNT client applications, users and customers to standard output. */
#include "population.h"

#include <stdio.h>
#include <stdlib.h>

static const char partition_head[] =
	"  - id: %s\n"
	"    name: Bench\n"
	"    access_token_algorithm: %s\n"
	"    permissions:\n"
	"      - {name: knowledge.portalmgr.read}\n"
	"      - {name: " POPULATION_SCOPE_ON_BEHALF_OF "}\n"
	"      - {name: knowledge.portalmgr.onbehalfof.manage}\n"
	"      - {name: " POPULATION_SCOPE_APPLICATION "}\n";

static void write_users(uint32_t count)
{
	char id[POPULATION_TEXT], username[POPULATION_TEXT];
	puts("    users:");
	for (uint32_t i = 0; i < count; i++) {
		population_write(POPULATION_USER_ID, i, id);
		population_write(POPULATION_USERNAME, i, username);
		printf("      - {id: %s, username: %s, email: %s@example.com, claims: {name: Agent %u}}\n", id, username, username, i);
	}
}

static void write_customers(uint32_t count)
{
	char id[POPULATION_TEXT], email[POPULATION_TEXT];
	puts("    customers:");
	for (uint32_t i = 0; i < count; i++) {
		population_write(POPULATION_CUSTOMER_ID, i, id);
		population_write(POPULATION_EMAIL, i, email);
		printf("      - {id: %s, email: %s}\n", id, email);
	}
}

static void write_applications(uint32_t count)
{
	char id[POPULATION_TEXT], secret[POPULATION_TEXT];
	puts("    client_applications:");
	for (uint32_t i = 0; i < count; i++) {
		population_write(POPULATION_CLIENT_ID, i, id);
		population_write(POPULATION_CLIENT_SECRET, i, secret);
		printf("      - {name: Application %u, client_id: %s, platform: web, secrets: [{label: bench, value: \"%s\"}], "
		       "permissions: [knowledge.portalmgr.read, " POPULATION_SCOPE_ON_BEHALF_OF ", knowledge.portalmgr.onbehalfof.manage, "
		       POPULATION_SCOPE_APPLICATION "]}\n", i, id, secret);
	}
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (count == 0 || count > POPULATION_MAX) {
		fprintf(stderr, "usage: generate COUNT (1 to %u)\n", POPULATION_MAX);
		return 2;
	}
	puts("partitions:");
	printf(partition_head, POPULATION_PARTITION, "ES256");
	write_users((uint32_t)count);
	write_customers((uint32_t)count);
	write_applications((uint32_t)count);
	/* A handful is enough to measure RS256 by: its signature is by far the largest part. */
	printf(partition_head, POPULATION_PARTITION_RSA, "RS256");
	write_applications(10);
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 1;
}
