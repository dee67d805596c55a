// When a secret ends: after a while, on a day, or never.
import { Group, Select, TextInput } from '@mantine/core';

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
	if (choice !== 'date') return seconds(new Date(Date.now() + Number(choice) * DAY));
	const at = new Date(date);
	return Number.isNaN(at.getTime()) ? undefined : seconds(at);
}

function seconds(at: Date): string {
	return `${at.toISOString().slice(0, 19)}Z`;
}

/** For an input of the kind datetime-local, in the time of the person. */
function local(date: string): string {
	const at = new Date(date);
	if (Number.isNaN(at.getTime())) return '';
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
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
				onChange={(choice) => onChange({ ...value, choice: (choice ?? 'never') })}
				error={value.choice === 'date' ? undefined : error}
				style={{ flex: '1 1 12rem' }}
				data-testid="secret-expiry"
			/>
			{value.choice === 'date' && (
				<TextInput
					type="datetime-local"
					label="Date and time"
					value={local(value.date)}
					onChange={(event) => onChange({ choice: 'date', date: event.currentTarget.value === '' ? '' : new Date(event.currentTarget.value).toISOString() })}
					error={error}
					style={{ flex: '1 1 12rem' }}
					data-testid="secret-expiry-date"
				/>
			)}
		</Group>
	);
}
