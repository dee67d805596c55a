import { SimpleGrid, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useMe } from '../../api/hooks';
import { NotHere } from '../../layout/NotHere';
import { ALL_PARTITIONS, pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { filled } from '../../parts/filled';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';

type NewOne = Schemas['NewPartition'];

export const about = 'Tenants. Nothing of one partition is ever visible from another.';

export function NewPartition() {
	return useMe().system ? <Form /> : <NotHere />;
}

const ID = /^[A-Za-z0-9_]{1,64}$/;

function Form() {
	const api = useApi();
	const navigate = useNavigate();
	const [beginning] = useState<Held<NewOne>>({ value: { id: '', name: '', permission_prefix: '' }, etag: null });
	return (
		<Page title="New partition" about={about}>
			<ObjectForm
				held={beginning}
				words={{ id: 'ID', name: 'Name', permission_prefix: 'Permission prefix' }}
				check={(value): Record<string, string> => (ID.test(value.id) ? {} : { '/id': 'Letters of A to Z, digits and _ only, at most 64 of them.' })}
				save={(value) => api.create('/partitions', {}, filled(value as NewOne))}
				saved={(held) => void navigate(pathTo(held.value.id, 'settings'), { replace: true })}
				verb="Create"
				cancel={() => void navigate(ALL_PARTITIONS)}
			>
				{(draft) => (
					<Block title="Partition">
						<SimpleGrid cols={{ base: 1, md: 2 }}>
							<TextInput label="ID" description="Stands in every address of the partition. It cannot be changed later." placeholder="TMPRODB88619984" required autoComplete="off" spellCheck={false} {...draft.text('id')} />
							<TextInput label="Name" description="For administrators." autoComplete="off" {...draft.text('name')} />
							<TextInput
								label="Permission prefix"
								description="May stand in front of permissions in requests; tokens never have it."
								placeholder="https://api.example.cloud/auth/"
								autoComplete="off"
								spellCheck={false}
								{...draft.text('permission_prefix')}
							/>
						</SimpleGrid>
						<Text size="sm" c="dimmed">
							Branding and the rest follow under Partition settings. Add a user with the role Partition administrator, so that the tenant can look after itself.
						</Text>
					</Block>
				)}
			</ObjectForm>
		</Page>
	);
}
