import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { nameProblem } from '../../parts/words';

export const about = 'Parts of the partition that users belong to.';

export function NewDepartment() {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const all = pathTo(partition, 'people', 'departments');
	const [beginning] = useState<Held<Schemas['NewDepartment']>>({ value: { name: '' }, etag: null });
	return (
		<Page title="New department" about={about}>
			<ObjectForm
				held={beginning}
				words={{ name: 'Name' }}
				check={(value) => ({ '/name': nameProblem(value.name.trim(), 'A department needs a name.') })}
				save={(value) => api.create('/partitions/{partition}/departments', { partition }, { name: (value.name ?? '').trim() })}
				saved={() => void navigate(all)}
				verb="Create"
				cancel={() => void navigate(all)}
			>
				{(draft) => (
					<Block title="Department">
						<Stack maw={480}>
							<TextInput label="Name" description="Unique in the partition. It cannot be changed later." required autoComplete="off" {...draft.text('name')} />
						</Stack>
					</Block>
				)}
			</ObjectForm>
		</Page>
	);
}
