import { Checkbox, Stack } from '@mantine/core';
import { useState } from 'react';

import { Code } from '../../parts/CopyField';
import { curlPost } from '../applications/curl';
import { hidden, type Parameters } from './flows';

/** The line for a shell that does the same. */
export function Line({ address, form, label = 'Request as curl' }: { address: string; form: Parameters; label?: string }) {
	const [shown, setShown] = useState(false);
	const secret = hidden(form).some(([, value]) => typeof value !== 'string');
	return (
		<Stack gap={6}>
			<Code label={label} testId="curl">
				{curlPost(address, shown ? form : hidden(form))}
			</Code>
			{secret && <Checkbox size="sm" label="Show what is secret in it" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} data-testid="show-secret" />}
		</Stack>
	);
}
