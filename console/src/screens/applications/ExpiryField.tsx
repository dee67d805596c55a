// When a secret ends: after a while, on a day, or never.
import { Group, Select, TextInput } from '@mantine/core';

import { localOf, momentIn, rfc3339 } from '../../parts/moment';

type Choice = 'never' | '30' | '90' | '180' | '365' | 'date';

export interface Expiry {
	readonly choice: Choice;
	/** RFC 3339; counts where choice is "date". */
	readonly date: string;
}

const DAY = 86_400_000;

/** RFC 3339, or null for never; undefined while no date is chosen. Whole seconds: the server keeps no more. */
export function expiryOf({ choice, date }: Expiry): string | null | undefined {
	if (choice === 'never') return null;
	if (choice !== 'date') return rfc3339(new Date(Date.now() + Number(choice) * DAY));
	const at = momentIn(date);
	return at === null ? undefined : rfc3339(at);
}

export function ExpiryField({ value, onChange, error }: { value: Expiry; onChange: (value: Expiry) => void; error?: string | undefined }) {
	return (
		<Group align="flex-end" gap="sm">
			<Select
				label="Expires"
				data={[
					{ value: 'never', label: 'Never' },
					{ value: '30', label: 'In 30 days' },
					{ value: '90', label: 'In 90 days' },
					{ value: '180', label: 'In 180 days' },
					{ value: '365', label: 'In a year' },
					{ value: 'date', label: 'On a date' },
				]}
				allowDeselect={false}
				value={value.choice}
				onChange={(choice) => onChange({ ...value, choice: choice ?? 'never' })}
				error={value.choice === 'date' ? undefined : error}
				style={{ flex: '1 1 12rem' }}
				data-testid="secret-expiry"
			/>
			{value.choice === 'date' && (
				<TextInput
					type="datetime-local"
					label="Date and time"
					value={localOf(value.date).slice(0, 16)}
					onChange={(event) => onChange({ choice: 'date', date: momentIn(event.currentTarget.value)?.toISOString() ?? '' })}
					error={error}
					style={{ flex: '1 1 12rem' }}
					data-testid="secret-expiry-date"
				/>
			)}
		</Group>
	);
}
