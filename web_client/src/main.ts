/** Adds an image panel to Girder's item page. */

import './style.css';

import type { Item } from './item';
import { ImagePanel } from './panel';
import { ImageViewer } from './viewer';

const removers = new WeakMap<Girder.ItemView, () => void>();

function addPanel(view: Girder.ItemView): void {
  removePanel(view);
  const files = view.fileListWidget.collection;
  const panel = new ImagePanel({
    itemId: view.model.id,
    mayWrite: view.accessLevel >= window.girder.constants.AccessType.WRITE,
    firstFileId: () => files.at(0)?.id,
  });
  view.el.querySelector('.g-item-header')?.after(panel.el);
  panel.show(itemOf(view.model));
  // A file that comes or goes can make or end an image.
  files.on('g:changed remove', () => void panel.refresh(), panel);
  removers.set(view, () => {
    files.off(null, null, panel);
    panel.destroy();
  });
}

function removePanel(view: Girder.ItemView): void {
  removers.get(view)?.();
  removers.delete(view);
}

function itemOf(model: Girder.Model): Item {
  const largeImage = model.get('largeImage') as Item['largeImage'];
  return largeImage ? { _id: model.id, largeImage } : { _id: model.id };
}

const { pluginUtils, utilities, views } = window.girder;

utilities.PluginUtils.wrap(views.body.ItemView, 'render', function (render) {
  // The page is complete only when its files have come.
  this.once('g:rendered', () => addPanel(this));
  return render.call(this);
});

utilities.PluginUtils.wrap(views.body.ItemView, 'destroy', function (destroy) {
  removePanel(this);
  return destroy.call(this);
});

// Where clients of large_image look for its views.
pluginUtils.registerPluginNamespace('large_image', { views: { ImagePanel, ImageViewer } });
