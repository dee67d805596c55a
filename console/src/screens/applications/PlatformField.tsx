import { Paper, Radio, Stack } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { Table } from '../../parts/Table';
import { platformAbout, platformTable, platformWords } from './words';

interface PlatformFieldProps {
	value: string | null;
	onChange: (value: string | null) => void;
	error?: string | undefined;
}

const platforms: readonly Schemas['Platform'][] = ['web', 'spa'];

export function PlatformField({ value, onChange, error }: PlatformFieldProps) {
	return (
		<Radio.Group label="Platform" description="Determines which OAuth 2.0 flows are available and how your application should handle its credentials." value={value} onChange={onChange} error={error} data-testid="field-platform" required>
			<Stack gap="xs" mt="xs">
				{platforms.map((platform) => (
					<Radio key={platform} value={platform} label={platformWords[platform]} description={platformAbout[platform]} data-testid={`platform-${platform}`} />
				))}
			</Stack>
		</Radio.Group>
	);
}

/** The guide's comparison of the two. */
export function PlatformTable() {
	return (
		<Paper withBorder style={{ overflow: 'hidden' }}>
			<Table
				label="Key differences between the platforms"
				testId="platforms"
				rows={platformTable}
				rowKey={(row) => row.feature}
				columns={[
					{ label: 'Feature', heads: true, cell: (row) => <strong>{row.feature}</strong> },
					{ label: 'Single Page Application (SPA)', cell: (row) => row.spa },
					{ label: 'Web Applications (Confidential)', cell: (row) => row.web },
				]}
			/>
		</Paper>
	);
}
