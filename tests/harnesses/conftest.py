"""Models made here: random weights, a tokenizer of the probe's own words, nothing from a hub."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

_LONGEST = 2048  # tokens
_SPECIAL = {"pad_token": "[PAD]", "eos_token": "[EOS]"}
_TINY = {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": _LONGEST}


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """Return a tokenizer that knows every word of the probe's prompts."""
    transformers = pytest.importorskip("transformers", reason="type: make test-harnesses")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    from espress.probe import rows, tasks

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    texts = [task.prompt(row) for task in tasks() for row in rows(task)]
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(_SPECIAL.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=_LONGEST, **_SPECIAL)


@pytest.fixture(scope="session")
def classifier(tokenizer: Any) -> Any:
    """Return a function that makes an untrained classifier with given labels."""
    import torch
    import transformers

    torch.set_num_threads(1)  # in models this small, threads cost more than they give

    def make(labels: list[str]) -> Any:
        torch.manual_seed(1)
        names = dict(enumerate(labels))
        config = transformers.GPT2Config(
            **_TINY,
            vocab_size=len(tokenizer),
            initializer_range=1.0,  # large, so that answers differ from text to text
            pad_token_id=tokenizer.pad_token_id,
            id2label=names,
            label2id={label: number for number, label in names.items()},
        )
        return transformers.GPT2ForSequenceClassification(config).eval()

    return make


@pytest.fixture(scope="session")
def language_model(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an untrained language model."""
    import torch
    import transformers

    torch.manual_seed(2)
    torch.set_num_threads(1)
    config = transformers.GPT2Config(
        **_TINY,
        vocab_size=len(tokenizer),
        initializer_range=0.5,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    folder = tmp_path_factory.mktemp("language-model")
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
