import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Held } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { about, Fields, missing, words, type NewOne } from './fields';

export function NewProvider() {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const [beginning] = useState<Held<NewOne>>({ value: { registration_id: '', issuer: '', audience: '', jwks_url: '', claim: 'email', matches: 'email' }, etag: null });
	return (
		<Page title="New identity provider" about={about}>
			<ObjectForm
				held={beginning}
				words={words}
				check={missing}
				save={(value) => api.create('/partitions/{partition}/identity-providers', { partition }, value as NewOne)}
				saved={(held) => void navigate(pathTo(partition, 'integration', 'identity-providers', held.value.registration_id), { replace: true })}
				verb="Create"
				cancel={() => void navigate(pathTo(partition, 'integration', 'identity-providers'))}
			>
				{(draft) => <Fields draft={draft} isNew />}
			</ObjectForm>
		</Page>
	);
}
