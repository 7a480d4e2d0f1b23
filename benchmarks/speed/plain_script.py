"""The script that a user would write: read articles, detect the language, split sentences, save with pandas.

python plain_script.py FOLDER_OF_ARTICLES TARGET_FOLDER
"""

import sys
from pathlib import Path

import pandas as pd
from langdetect import DetectorFactory, detect
from sentencex import segment


def main(folder: Path, target: Path) -> None:
    """Write articles.parquet and sentences.parquet of all `*/source.txt` below the folder."""
    DetectorFactory.seed = 0
    articles, sentences = [], []
    for path in sorted(folder.glob("*/source.txt")):
        text = path.read_text(encoding="utf-8")
        language = detect(text)
        found = [sentence for sentence in segment(language.split("-")[0], text) if sentence.strip()]
        articles.append(
            {
                "article_id": path.parent.name,
                "text": text,
                "language": language,
                "n_words": len(text.split()),
                "n_sentences": len(found),
            }
        )
        sentences += [
            {"article_id": path.parent.name, "unit_no": number, "text": sentence}
            for number, sentence in enumerate(found, 1)
        ]
    target.mkdir(parents=True)
    pd.DataFrame(articles).to_parquet(target / "articles.parquet", index=False)
    pd.DataFrame(sentences).to_parquet(target / "sentences.parquet", index=False)


main(Path(sys.argv[1]), Path(sys.argv[2]))
