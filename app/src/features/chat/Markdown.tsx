// The tree of markdownTree.ts as React nodes. Text is only ever text.
import { Fragment, memo, useState } from 'react';
import { Check, Copy } from 'lucide-react';
import { t } from '~/text';
import '~/text/talk';
import { IconButton } from '~/ui';
import type { Inline } from './inline';
import { parseMarkdown, type Block } from './markdownTree';

function Link({ node }: { node: Inline & { kind: 'link' } }) {
  return (
    <>
      <a href={node.href} target="_blank" rel="noopener noreferrer nofollow" title={node.href}>
        <Inlines nodes={node.children} />
      </a>
      {node.host && <bdi className="chat-host">({node.host})</bdi>}
    </>
  );
}

function InlineNode({ node }: { node: Inline }) {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return <br />;
    case 'code':
      return <code>{node.text}</code>;
    case 'bold':
      return <strong>{<Inlines nodes={node.children} />}</strong>;
    case 'italic':
      return <em>{<Inlines nodes={node.children} />}</em>;
    case 'strike':
      return <s>{<Inlines nodes={node.children} />}</s>;
    case 'link':
      return <Link node={node} />;
  }
}

const Inlines = ({ nodes }: { nodes: Inline[] }) =>
  nodes.map((node, i) => <InlineNode key={i} node={node} />);

function CodeBlock({ text, language }: { text: string; language: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="chat-code">
      <div className="chat-code-head">
        <span>{language}</span>
        <IconButton
          small
          label={isCopied ? t('ui.copied') : t('chat.copyCode')}
          icon={isCopied ? <Check /> : <Copy />}
          onClick={() => void copy().catch(() => undefined)}
        />
      </div>
      <pre tabIndex={0} dir="ltr">
        <code>{text}</code>
      </pre>
    </div>
  );
}

function List({ block }: { block: Block & { kind: 'list' } }) {
  const items = block.items.map((item, i) => (
    <li key={i}>
      <Blocks blocks={item} isTight />
    </li>
  ));
  return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
}

function BlockNode({ block, isTight }: { block: Block; isTight: boolean }) {
  switch (block.kind) {
    case 'paragraph':
      return isTight ? (
        <Inlines nodes={block.children} />
      ) : (
        <p>{<Inlines nodes={block.children} />}</p>
      );
    case 'heading': // of a text, not of the page
      return (
        <p className="chat-heading">
          <Inlines nodes={block.children} />
        </p>
      );
    case 'code':
      return <CodeBlock text={block.text} language={block.language} />;
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.children} />
        </blockquote>
      );
    case 'list':
      return <List block={block} />;
  }
}

/** Tight: the paragraphs of list items have no space around them. */
const Blocks = ({ blocks, isTight = false }: { blocks: Block[]; isTight?: boolean }) =>
  blocks.map((block, i) => (
    <Fragment key={i}>
      <BlockNode block={block} isTight={isTight} />
    </Fragment>
  ));

/** `dir="auto"`: each message runs as its first letters do. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className="chat-text" dir="auto">
      <Blocks blocks={parseMarkdown(text)} />
    </div>
  );
});
