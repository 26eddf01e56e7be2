/** The template for those who deploy without osls. */
export declare function plainTemplate<Template>(template: Template): Template;
