// What osls cannot say by itself: values of the stack's parameters from its own, and the section `Rules`.
const CLI_VALUE = /^([^=]+)=(.*)$/s;

class StackPlugin {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = {
      initialize: () => this.setParameters(),
      'before:package:finalize': () => this.addRules(),
      // A first deploy creates the stack with nothing but a bucket, and CloudFormation refuses values that a template does not ask for.
      'before:aws:deploy:deploy:createStack': () => this.setParameters([]),
      'after:aws:deploy:deploy:createStack': () => this.setParameters(),
    };
  }

  setParameters(values = this.given()) {
    this.serverless.service.provider.stackParameters = values;
  }

  /** What a stage or a command line says, for exactly the parameters that the stack has. */
  given() {
    const { service, configurationInput, processedInput } = this.serverless;
    const { default: all, [service.provider.stage]: stage } = configurationInput.params ?? {};
    const typed = (processedInput.options.param ?? []).map(
      (text) => CLI_VALUE.exec(text)?.slice(1) ?? [text, ''],
    );
    const given = { ...all, ...stage, ...Object.fromEntries(typed) };
    const known = Object.keys(service.resources.Parameters);
    const unknown = Object.keys(given).filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw new this.serverless.classes.Error(
        `The stack has no parameter ${unknown.join(', ')}; nothing was done. It has ${known.join(', ')}.`,
      );
    }
    return Object.entries(given)
      .filter(([, value]) => value !== null)
      .map(([ParameterKey, value]) => ({ ParameterKey, ParameterValue: String(value) }));
  }

  addRules() {
    const { service } = this.serverless;
    service.provider.compiledCloudFormationTemplate.Rules = service.custom.rules;
  }
}

module.exports = StackPlugin;
