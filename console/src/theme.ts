// The colours of the sign-in pages (pages/style.css), with the contrast that WCAG 2.2 AA asks for in light and in dark.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = ['#edf5f5', '#d9e9ea', '#b1d3d5', '#86bcbf', '#5fa3a7', '#3f8b90', '#24787d', '#0f6a70', '#0d5b60', '#094a4e'];

/** What is said of a field stands below it, so that fields beside each other are level. */
const fields = ['TextInput', 'PasswordInput', 'NumberInput', 'Textarea', 'NativeSelect', 'Select', 'MultiSelect'];

export const theme = createTheme({
	colors: { teal },
	primaryColor: 'teal',
	primaryShade: { light: 7, dark: 7 },
	fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
	fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace',
	defaultRadius: 'md',
	cursorType: 'pointer',
	respectReducedMotion: true,
	components: {
		...Object.fromEntries(fields.map((field) => [field, { defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] } }])),
		Tooltip: { defaultProps: { multiline: true, maw: 360, events: { hover: true, focus: true, touch: true } } },
		Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
		Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } }, styles: { title: { fontWeight: 600 } } },
		// The line below the chosen one is seen in dark, too.
		Tabs: { defaultProps: { color: 'var(--mantine-color-anchor)' } },
		// A link is told from the words around it by more than its colour.
		Anchor: { defaultProps: { underline: 'always' } },
		// A wide table is scrolled by the keyboard, too.
		TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
		// The colour of a light alert is too light for words on it.
		Alert: { styles: { title: { color: 'var(--mantine-color-bright)' } } },
	},
});

export const variables: CSSVariablesResolver = () => ({
	variables: {},
	light: {
		'--mantine-color-dimmed': '#545c68',
		'--mantine-color-placeholder': '#6b7280',
		'--mantine-color-error': '#a3231c',
		'--mantine-color-anchor': '#0f6a70',
		'--mantine-color-default-border': '#cdd2d9',
		'--writ-edge': '#868e96',
		'--writ-behind': '#f6f8f9',
	},
	dark: {
		'--mantine-color-dimmed': '#b4bbc6',
		'--mantine-color-placeholder': '#9aa2ae',
		'--mantine-color-error': '#ff9a91',
		'--mantine-color-anchor': '#86bcbf',
		'--mantine-color-default-border': '#4a505a',
		'--writ-edge': '#7f8792',
		'--writ-behind': '#16181b',
	},
});
