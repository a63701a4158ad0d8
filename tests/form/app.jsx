// The bundle's form as the platform shows it: the published schema and UI schema, drawn by react-jsonschema-form. What the platform adds
// is stood in for: the choice of a preset, the picker of DNS zones, and the messages that the schema gives for a pattern.
import Form from "@rjsf/core";
import validator from "@rjsf/validator-ajv8";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const { schema, uiSchema, zones } = window.bundle;

// The platform's picker yields the ARN of the zone that was chosen by its name.
function ZonePicker({ fieldPathId, schema: field, uiSchema: ui, formData, onChange, required, rawErrors }) {
  const id = fieldPathId.$id;
  return (
    <div className="zone">
      <label htmlFor={id}>
        {field.title}
        {required && <span className="required">*</span>}
      </label>
      <p className="field-description">{field.description}</p>
      <select id={id} data-cloud={ui.cloud} value={formData ?? ""} onChange={(event) => onChange(event.target.value || undefined, fieldPathId.path)}>
        <option value="" />
        {zones.map(({ name, arn }) => (
          <option key={arn} value={arn}>
            {name}
          </option>
        ))}
      </select>
      {rawErrors?.map((error) => (
        <p key={error} className="text-danger">
          {error}
        </p>
      ))}
    </div>
  );
}

// `message.pattern` beside a pattern is what the platform says where the pattern does not match.
function withOwnMessages(errors) {
  return errors.map((error) => ({ ...error, message: ownMessage(error) ?? error.message }));
}

function ownMessage({ name, schemaPath }) {
  const steps = schemaPath.split("/").slice(1, -1).map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce((node, step) => node?.[step], schema)?.message?.[name];
}

function App() {
  const [formData, setFormData] = useState({});
  // What was sent by the last attempt, if the form was content, and how many there were.
  const [submitted, setSubmitted] = useState();
  const [attempts, setAttempts] = useState(0);
  const attempt = (text) => {
    setSubmitted(text);
    setAttempts(attempts + 1);
  };
  const choose = (label) => {
    const { __name, ...preset } = schema.examples.find((example) => example.__name === label);
    setFormData(preset);
  };
  return (
    <main data-attempts={attempts}>
      <label htmlFor="preset">Preset</label>
      <select id="preset" defaultValue="" onChange={(event) => choose(event.target.value)}>
        <option value="" disabled />
        {schema.examples.map(({ __name }) => (
          <option key={__name}>{__name}</option>
        ))}
      </select>
      <Form
        schema={schema}
        uiSchema={{ ...uiSchema, "ui:title": " ", "ui:description": " " }}
        validator={validator}
        fields={{ dnsZonesDropdown: ZonePicker }}
        formData={formData}
        transformErrors={withOwnMessages}
        showErrorList={false}
        noHtml5Validate
        onChange={(event) => {
          setFormData(event.formData);
          setSubmitted(undefined);
        }}
        onError={() => attempt(undefined)}
        onSubmit={(event) => attempt(JSON.stringify(event.formData))}
      />
      {submitted && <output>{submitted}</output>}
    </main>
  );
}

createRoot(document.getElementById("root")).render(<App />);
