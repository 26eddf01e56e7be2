/** The template for those who deploy without osls. */
export function plainTemplate(template: unknown): unknown;
