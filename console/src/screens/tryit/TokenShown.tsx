// A token, taken apart: its header, and its claims in words.
import { Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';

import { Block } from '../../parts/Block';
import { Code } from '../../parts/CopyField';
import { Table } from '../../parts/Table';
import { claimsSaid, decode, type Claim } from './token';

export function TokenShown({ title, token, testId }: { title: string; token: string; testId: string }) {
	const decoded = decode(token);
	const now = useSeconds();
	return (
		<Block title={title}>
			<Stack gap="md" data-testid={testId}>
				<Code label={`${title} as it came`} wrap>
					{token}
				</Code>
				{decoded === null ? (
					<Text size="sm">It is no JWT: nothing of it can be read.</Text>
				) : (
					<>
						<Claims label={`Header of the ${title}`} caption="Header" claims={claimsSaid(decoded.header, now)} />
						<Claims label={`Claims of the ${title}`} caption="Claims" claims={claimsSaid(decoded.claims, now)} />
					</>
				)}
			</Stack>
		</Block>
	);
}

function useSeconds(): number {
	const [now, setNow] = useState(() => Date.now() / 1000);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now() / 1000), 10_000);
		return () => clearInterval(timer);
	}, []);
	return now;
}

function Claims({ label, caption, claims }: { label: string; caption: string; claims: readonly Claim[] }) {
	return (
		<div>
			<Text size="sm" fw={600} mb={4}>
				{caption}
			</Text>
			<Table
				label={label}
				rows={claims}
				rowKey={(claim) => claim.name}
				rowTest={(claim) => `claim-${claim.name}`}
				columns={[
					{ label: 'Name', mono: true, cell: (claim) => claim.name },
					{ label: 'Value', mono: true, cell: (claim) => claim.value },
					{ label: 'In words', cell: (claim) => claim.words },
				]}
			/>
		</div>
	);
}
