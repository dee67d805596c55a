/* Who lives in a bench store: names and secrets as formulas of an index, so that the load can ask for any of a million
 * at random without a list. Ids look as random as real ones, so that lookups find no order to profit from. */
#ifndef WRIT_BENCH_POPULATION_H
#define WRIT_BENCH_POPULATION_H

#include <stddef.h>
#include <stdint.h>

#define POPULATION_PARTITION "BENCH"         /* signs ES256 */
#define POPULATION_PARTITION_RSA "BENCHRSA"  /* signs RS256 */
#define POPULATION_SCOPE_APPLICATION "app.knowledge.portalmgr.read"
#define POPULATION_SCOPE_ON_BEHALF_OF "knowledge.portalmgr.onbehalfof.read"
#define POPULATION_MAX 10000000u
#define POPULATION_TEXT 64 /* room for any of these, terminated */

enum population_text {
	POPULATION_CLIENT_ID,
	POPULATION_CLIENT_SECRET,
	POPULATION_USER_ID,
	POPULATION_USERNAME,
	POPULATION_CUSTOMER_ID,
	POPULATION_EMAIL, /* of a customer */
};

/* Writes that text of the index-th application or person and gives back its length. */
size_t population_write(enum population_text, uint32_t index, char out[POPULATION_TEXT]);

/* splitmix64: a well mixed number for each input. */
uint64_t population_mix(uint64_t);

#endif
