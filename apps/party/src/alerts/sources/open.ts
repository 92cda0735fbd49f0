import type { SourceSettings } from '../source-settings.ts';
import type { SourceTokens } from '../tokens.ts';
import { FhirSource } from './fhir.ts';
import { FolderSource } from './folder.ts';
import { MllpSource } from './mllp.ts';
import type { Source, SourceServer } from './source.ts';

/** A source as the settings describe it. Throws `config-invalid`. */
export function openSource(server: SourceServer, settings: SourceSettings, tokens: SourceTokens): Source {
  switch (settings.kind) {
    case 'folder':
      return new FolderSource(server, settings);
    case 'fhir':
      return new FhirSource(server, settings, tokens);
    case 'mllp':
      return new MllpSource(server, settings);
  }
}
