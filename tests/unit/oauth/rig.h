/* A call that stands before the scope rules: a tenant and an application in memory, no store. */
#ifndef WRIT_TESTS_OAUTH_RIG_H
#define WRIT_TESTS_OAUTH_RIG_H

#include "oauth/scope_rules.h"

#include <stdlib.h>

struct rig {
	struct arena *arena;
	struct oauth oauth;
	struct tenant tenant;
	struct application application;
	struct oauth_call call;
};

/* The catalogue, sorted; "read.special" has a kind that its name does not give it. */
static struct permission rig_catalogue[] = {
	{ .name = SLICE("app.k.manage"), .kind = PERMISSION_APPLICATION },
	{ .name = SLICE("app.k.read"), .kind = PERMISSION_APPLICATION },
	{ .name = SLICE("k.manage"), .kind = PERMISSION_DELEGATED },
	{ .name = SLICE("k.onbehalfof.read"), .kind = PERMISSION_ON_BEHALF_OF },
	{ .name = SLICE("k.read"), .kind = PERMISSION_DELEGATED },
	{ .name = SLICE("k.unassigned"), .kind = PERMISSION_DELEGATED },
	{ .name = SLICE("read.special"), .kind = PERMISSION_APPLICATION },
};

static struct slice rig_assigned[] = {
	SLICE("app.k.manage"), SLICE("app.k.read"), SLICE("k.manage"), SLICE("k.onbehalfof.read"), SLICE("k.read"),
	SLICE("read.special"), SLICE("gone.from.catalogue"), SLICE("app.writ.admin.manage"), SLICE("writ.admin.read"),
};

static inline void rig_open(struct rig *rig)
{
	memset(rig, 0, sizeof *rig);
	rig->arena = arena_new(4096, 1024 * 1024);
	if (rig->arena == NULL)
		abort();
	rig->tenant.permissions = rig_catalogue;
	rig->tenant.permission_count = sizeof rig_catalogue / sizeof rig_catalogue[0];
	rig->tenant.partition.permission_prefix = SLICE_OF("https://api.example/auth/");
	rig->application.permissions = rig_assigned;
	rig->application.permission_count = sizeof rig_assigned / sizeof rig_assigned[0];
	rig->application.registered.refresh_tokens = true;
	rig->application.registered.id_token_algorithm = ALGORITHM_RS256;
	rig->call = (struct oauth_call) { .oauth = &rig->oauth, .arena = rig->arena, .tenant = &rig->tenant, .application = &rig->application };
}

static inline void rig_close(struct rig *rig)
{
	arena_free(rig->arena);
}

#endif
