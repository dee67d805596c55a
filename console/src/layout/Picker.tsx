// A button that opens a list to choose from, with a search where the list is long.
import { Button, Combobox, Loader, Text, useCombobox } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { Icon } from '../parts/icons';

export interface Choice {
	readonly value: string;
	readonly label: string;
	/** In smaller letters beside it. */
	readonly about?: string;
}

interface ChoiceGroup {
	readonly label: string;
	readonly choices: readonly Choice[];
}

interface PickerProps {
	/** The accessible name: "Department". */
	label: string;
	/** What is chosen now. */
	current: ReactNode;
	groups: readonly ChoiceGroup[];
	loading: boolean;
	/** There is more than is shown: typing asks for the rest. */
	search: string;
	onSearch: ((text: string) => void) | null;
	choose: (value: string) => void;
	testId: string;
}

export function Picker({ label, current, groups, loading, search, onSearch, choose, testId }: PickerProps) {
	const combobox = useCombobox({
		onDropdownClose: () => {
			combobox.resetSelectedOption();
			onSearch?.('');
		},
		onDropdownOpen: () => {
			if (onSearch !== null) combobox.focusSearchInput();
		},
	});
	const [opened, setOpened] = useState(false);
	const count = groups.reduce((sum, group) => sum + group.choices.length, 0);
	return (
		<Combobox
			store={combobox}
			width={280}
			position="bottom-start"
			withinPortal
			onOptionSubmit={(value) => {
				choose(value);
				combobox.closeDropdown();
			}}
			onOpen={() => setOpened(true)}
			onClose={() => setOpened(false)}
		>
			<Combobox.Target targetType="button" withExpandedAttribute>
				<Button
					variant="default"
					size="sm"
					px={{ base: 8, sm: 'sm' }}
					rightSection={<Icon name="down" size={14} />}
					aria-label={`${label}: ${typeof current === 'string' ? current : ''}`}
					aria-haspopup="listbox"
					aria-expanded={opened}
					onClick={() => combobox.toggleDropdown()}
					data-testid={testId}
					style={{ minWidth: 0, flexShrink: 1 }}
				>
					<Text span size="sm" truncate>
						{current}
					</Text>
				</Button>
			</Combobox.Target>
			<Combobox.Dropdown>
				{onSearch !== null && (
					<Combobox.Search value={search} onChange={(event) => onSearch(event.currentTarget.value)} placeholder="Search" aria-label={`Search ${label}`} rightSection={loading ? <Loader size={14} /> : null} />
				)}
				<Combobox.Options mah="60vh" style={{ overflowY: 'auto' }} aria-label={label}>
					{count === 0 && <Combobox.Empty>{loading ? 'Loading' : 'Nothing fits'}</Combobox.Empty>}
					{groups.map((group) => (
						<Combobox.Group label={group.label} key={group.label}>
							{group.choices.map((choice) => (
								<Combobox.Option value={choice.value} key={choice.value} data-testid={`${testId}-option`}>
									<Text size="sm">{choice.label}</Text>
									{choice.about !== undefined && (
										<Text size="xs" c="dimmed">
											{choice.about}
										</Text>
									)}
								</Combobox.Option>
							))}
						</Combobox.Group>
					))}
				</Combobox.Options>
			</Combobox.Dropdown>
		</Combobox>
	);
}
