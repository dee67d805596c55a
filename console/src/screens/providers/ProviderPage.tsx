import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useNamed, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo } from '../../layout/sections';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { ReadPage } from '../../parts/ReadPage';
import { Remove } from '../../parts/Remove';
import { about, Fields, missing, words } from './fields';

type Provider = Schemas['IdentityProvider'];

export function ProviderPage() {
	const partition = usePartition();
	const registration_id = useNamed('registration_id');
	const provider = useRead('/partitions/{partition}/identity-providers/{registration_id}', { partition, registration_id });
	useCrumb(registration_id);
	return (
		<ReadPage title="Identity provider" of={provider}>
			{(held) => <There held={held} key={registration_id} />}
		</ReadPage>
	);
}

function There({ held }: { held: Held<Provider> }) {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const at = { partition, registration_id: held.value.registration_id };
	const remove = (
		<Remove
			what="identity provider"
			name={held.value.registration_id}
			act={() => api.remove('/partitions/{partition}/identity-providers/{registration_id}', at, held.etag)}
			gone={() => navigate(pathTo(partition, 'integration', 'identity-providers'))}
		>
			Its tokens are not exchanged any more. Tokens that came of an exchange before stay good until they end.
		</Remove>
	);
	return (
		<Page title={held.value.registration_id} about={about} actions={remove}>
			<ObjectForm<Provider>
				held={held}
				read={() => api.read('/partitions/{partition}/identity-providers/{registration_id}', at)}
				save={(changes, etag) => api.change('/partitions/{partition}/identity-providers/{registration_id}', at, etag, changes)}
				words={words}
				check={missing}
			>
				{(draft) => <Fields draft={draft} isNew={false} />}
			</ObjectForm>
		</Page>
	);
}
