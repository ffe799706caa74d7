/** A picture, small at first. */

import { useState } from "react";
import { formatBytes } from "../../../logic/units";
import { FileView } from "./file-view";
import type { Body } from "./use-body";
import styles from "./payloads.module.css";

/** Other pictures may hold a script; the server gives them for download only. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

export function isPicture(mediaType: string): boolean {
  return PICTURES.test(mediaType);
}

export function PictureView({ body }: { body: Body }) {
  const { payload, url } = body;
  const [large, setLarge] = useState(false);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [damaged, setDamaged] = useState(false);
  if (damaged) return <FileView body={body} why="It is no picture that this browser can show." />;
  return (
    <figure className={styles.picture} data-view="picture">
      <button
        type="button"
        className={styles.pictureButton}
        aria-pressed={large}
        aria-label={large ? "Show the picture small" : "Show the picture as large as it is"}
        onClick={() => setLarge(!large)}
      >
        <img
          className={large ? styles.imageLarge : styles.image}
          src={url}
          loading="lazy"
          alt=""
          data-natural={size ? `${size.width}x${size.height}` : undefined}
          onLoad={({ currentTarget: image }) =>
            setSize({ width: image.naturalWidth, height: image.naturalHeight })
          }
          onError={() => setDamaged(true)}
        />
      </button>
      <figcaption className={styles.notes}>
        {size ? <span>{`${size.width} × ${size.height}`}</span> : null}
        <span>{payload.media_type}</span>
        <span>{formatBytes(payload.bytes)}</span>
        <a href={url} target="_blank" rel="noreferrer" className={styles.link}>
          Open alone
        </a>
      </figcaption>
    </figure>
  );
}
